"""The soak on a real Kafka: whole workers, steady events, a cruel vendor, and everything that kills a process."""
