# Everything a person does with this project. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help

UV := .tools/uv/bin/uv
BIN := .venv/bin
READY := .venv/.ready
MODEL := models/assistant.tar.gz
WORKERS := 2
TRAINING := config.yml domain.yml $(shell find data nlu dialogue -name '*.yml' -o -name '*.py' -o -name '*.txt')
BENCHMARKS := answering ledger desk_load wechat_burst outreach_load
CODE := actions bank channels common desk dialogue nlu ops outreach benchmarks tests

export UV_PYTHON_INSTALL_DIR := $(CURDIR)/.tools/python
export UV_LINK_MODE := copy
export UV_COMPILE_BYTECODE := 1
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export PYTHONWARNINGS := ignore

help: ## list what can be done
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(READY) $(MODEL) ## start bank sandbox, actions, assistant, desk, outreach [WECHAT=simulator]; Ctrl-C stops them
	@$(BIN)/python -m ops.run

setup: $(READY) ## install Python 3.10 and the packages of requirements.lock into .venv

train: $(READY) $(MODEL) ## train the model, if the data changed

evaluate: $(READY) $(MODEL) ## accuracy on a table: FILE=x.tsv [OUT=folder]
	@test -n "$(FILE)" || { echo "usage: make evaluate FILE=x.tsv [OUT=folder]"; exit 2; }
	@$(BIN)/python -m benchmarks.evaluate "$(FILE)" $(if $(OUT),--out "$(OUT)")

conformance: $(READY) ## hold a bank's API against the contract: BANK_API_URL=… BANK_API_TOKEN=… [REPORT=x.html]
	@$(BIN)/python -m bank.conformance

wechat-menu: $(READY) ## publish channels/wechat/menu.yml as the menu of the Official Account
	@$(BIN)/python -m channels.wechat.menu

crossval: $(READY) ## accuracy on unseen wordings beside Rasa's default, into benchmarks/ (an hour)
	@$(BIN)/python -m benchmarks.crossval

bench: $(READY) $(MODEL) ## what a message, a statement, the desk, WeChat and a night's contacts cost (ten minutes) [ONLY=ledger]
	@mkdir -p var; for each in $(or $(ONLY),$(BENCHMARKS)); do \
		echo "$$each"; $(BIN)/python -m benchmarks.$$each 2> var/bench.log || { tail -n 40 var/bench.log; exit 1; }; done

test: $(READY) $(MODEL) ## run every test, two files at a time: WORKERS=4 for more
	$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile

lint: $(READY) ## check style of code and data, the training sentences, and what customers read
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/yamllint -s .
	$(BIN)/python -m benchmarks.check_nlu
	$(BIN)/python -m benchmarks.check_responses
	@mkdir -p var; $(BIN)/rasa data validate > var/validate.log 2>&1 || { tail -n 40 var/validate.log; exit 1; }

types: $(READY) ## check types
	$(BIN)/mypy

format: $(READY) ## put code into shape
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

lock: $(UV) ## resolve pyproject.toml into requirements.lock
	$(UV) pip compile --quiet pyproject.toml --all-extras --output-file requirements.lock --generate-hashes \
		--no-emit-index-url --no-header --python-version 3.10 --python-platform linux

shell: $(READY) $(MODEL) ## talk with the assistant in the terminal (start `make run` beside it for the actions)
	$(BIN)/rasa shell --model $(MODEL)

clean: ## forget the trained model and all data of a run; keeps what was installed
	rm -rf models/*.tar.gz .rasa var/* results

$(UV):
	@sh ops/install-uv.sh .tools/uv

$(READY): requirements.lock .python-version | $(UV)
	@echo "Setting up Python 3.10 and its packages in .venv (once, some minutes)"
	@$(UV) venv --quiet --allow-existing --python 3.10 .venv
	@$(UV) pip sync --quiet --python .venv --require-hashes requirements.lock
	@touch $@

$(MODEL): $(TRAINING) $(READY)
	@echo "Training the model (about a minute)"
	@mkdir -p var models
	@$(BIN)/rasa train --quiet --fixed-model-name assistant --out models > var/train.log 2>&1 \
		|| { tail -n 40 var/train.log; exit 1; }
	@touch $@

.PHONY: help run setup train evaluate conformance wechat-menu crossval bench test lint types format lock shell
.PHONY: clean
