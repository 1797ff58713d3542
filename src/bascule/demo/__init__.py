"""The demo: invented people apply to invented jobs, so that Bascule can be seen at work."""
