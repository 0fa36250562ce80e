# The id is the name of the logger.
terraform import kafkaconnect_logger.sinks org.apache.kafka.connect.runtime.WorkerSinkTask

# In an entry of the provider's clusters, the id begins with the name of the cluster.
terraform import kafkaconnect_logger.sinks_emea emea/org.apache.kafka.connect.runtime.WorkerSinkTask
