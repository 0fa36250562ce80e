# The id is the role and the name of the topic.
terraform import 'kafkaconnect_internal_topic.orders["offset"]' offset/orders-connect-offset
