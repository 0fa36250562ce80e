kafka/bin/kafka-storage.sh format --standalone --config kafka/config/server.properties \
  --cluster-id "$(kafka/bin/kafka-storage.sh random-uuid)"
kafka/bin/kafka-server-start.sh -daemon kafka/config/server.properties
until grep -qs "Kafka Server started" kafka/logs/*.log; do sleep 1; done
