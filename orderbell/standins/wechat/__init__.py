"""A stand-in for the WeChat platform: template messages of one official account."""
