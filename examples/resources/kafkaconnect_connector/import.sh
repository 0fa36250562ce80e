# The id is the name of the connector.
terraform import kafkaconnect_connector.orders orders-source
