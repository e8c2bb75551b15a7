"""The operations of the contract as methods, by topic; `bank.client.BankClient` puts them together."""
