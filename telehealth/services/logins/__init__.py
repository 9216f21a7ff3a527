"""Logins and the e-mails about them: a link to a new password, and word of what was changed."""
