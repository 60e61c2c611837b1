"""Mails, as they travel (RFC 5322) and as Outlook keeps them (MS-OXMSG)."""
