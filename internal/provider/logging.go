package provider

import "os"

// logParts are the environment variables that set the levels of the parts of the log: the SDK, the protocol and the framework
// in it, and this provider.
var logParts = []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_KAFKACONNECT"}

// DisableUnusedLogging turns the log off unless the environment asks for it. Terraform would drop each line, and writing
// them takes half of the time of a plan. Parts that the environment asks for stay: TF_LOG_SDK includes the protocol and the
// framework.
func DisableUnusedLogging() error {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return nil
	}
	_, sdk := os.LookupEnv("TF_LOG_SDK")
	for _, part := range logParts {
		_, set := os.LookupEnv(part)
		if set || sdk && part != "TF_LOG_PROVIDER_KAFKACONNECT" {
			continue
		}
		if err := os.Setenv(part, "OFF"); err != nil {
			return err
		}
	}
	return nil
}

// loggingIsOff reports whether no part of the log is written.
func loggingIsOff() bool {
	for _, part := range logParts {
		if os.Getenv(part) != "OFF" {
			return false
		}
	}
	return true
}
