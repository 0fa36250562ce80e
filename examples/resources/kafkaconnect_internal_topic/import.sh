# The id is the role and the name of the topic.
terraform import 'kafkaconnect_internal_topic.orders["offset"]' offset/orders-connect-offset

# In an entry of the provider's clusters, the id begins with the name of the cluster.
terraform import 'kafkaconnect_internal_topic.orders_emea["offset"]' emea/offset/orders-connect-offset
