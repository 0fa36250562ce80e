# The id is the name of the connector.
terraform import kafkaconnect_connector.orders orders-source

# In an entry of the provider's clusters, the id begins with the name of the cluster.
terraform import kafkaconnect_connector.orders_emea emea/orders-source
