"""The demo: a small town whose orders go wrong, on a real Kafka, with a real worker and a stand-in for the vendor."""
