"""The screens in a browser tab: a server for one person on this machine. Only ``syncscope serve`` imports it."""
