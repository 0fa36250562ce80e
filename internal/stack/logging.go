package stack

import (
	"errors"
	"os"
	"path/filepath"
)

// Kafka 4 logs with log4j 2, older versions with log4j 1. Their properties differ.
const (
	log4j2Settings = `status=warn
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=[%d] %p %m (%c)%n
rootLogger.level=info
rootLogger.appenderRef.out.ref=out
`
	log4j1Settings = `log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n
`
	log4j2File, log4j1File = "log4j2.properties", "log4j.properties"
)

// writeLogSettings writes the files that make every process log to standard output.
func writeLogSettings(folder string) error {
	return errors.Join(
		os.WriteFile(filepath.Join(folder, log4j2File), []byte(log4j2Settings), 0o600),
		os.WriteFile(filepath.Join(folder, log4j1File), []byte(log4j1Settings), 0o600),
	)
}

// logOptions returns the java options that name these files.
func logOptions(folder string) []string {
	return []string{
		"-Dlog4j2.configurationFile=" + filepath.Join(folder, log4j2File),
		"-Dlog4j.configuration=file:" + filepath.Join(folder, log4j1File),
	}
}
