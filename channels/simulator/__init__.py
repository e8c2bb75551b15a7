"""Stands in for WeChat's and WeCom's servers, and for their customers' phones, so that the channels can be tried and
tested without an account: `python -m channels.simulator.app`, or `make run WECHAT=simulator`.

    a phone on a web page ─► official.py, service.py ─► postman.py ─► the assistant's webhooks
                        ◄──── chats.py ◄──── official_api.py, service_api.py ◄──── the assistant's clients

It keeps everything in memory and behaves as the platforms' documents say, errors and limits included; where they give
no number or no wording, the code says so. It is no part of a deployment. May import `common` and the platforms' seal
(`channels.messaging.crypto`, held against official samples); nothing of the channels, so that a mistake of theirs is
not made twice.
"""
