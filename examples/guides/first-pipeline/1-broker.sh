kafka/bin/kafka-storage.sh format --standalone --config kafka/config/server.properties \
  --cluster-id "$(kafka/bin/kafka-storage.sh random-uuid)"
kafka/bin/kafka-server-start.sh -daemon kafka/config/server.properties
