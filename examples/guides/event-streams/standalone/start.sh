kafka/bin/connect-standalone.sh worker.properties source.properties sink.properties
