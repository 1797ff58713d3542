"""A mail server and everybody's mailbox, so that letters can be seen, followed and answered on this machine."""
