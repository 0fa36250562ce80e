package provider

import "os"

// DisableUnusedLogging turns the SDK's logging off unless the environment asks for it. Terraform would drop each line,
// and writing them takes half of the time of a plan. Levels that the environment sets for parts of the log stay.
func DisableUnusedLogging() error {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return nil
	}
	for _, part := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_KAFKACONNECT"} {
		if _, set := os.LookupEnv(part); set {
			continue
		}
		if err := os.Setenv(part, "OFF"); err != nil {
			return err
		}
	}
	return nil
}
