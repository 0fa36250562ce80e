kafka/bin/connect-distributed.sh worker.properties
