"""Letters and sheets to PDF in processes that can be killed."""
