package provider

import (
	"os"
	"slices"
	"testing"
)

func TestDisableUnusedLogging(t *testing.T) {
	for name, test := range map[string]struct {
		given map[string]string
		off   []string // of logParts, afterwards
	}{
		"nobody reads it":            {nil, logParts},
		"somebody reads all":         {map[string]string{"TF_LOG": "INFO"}, nil},
		"somebody reads providers'":  {map[string]string{"TF_LOG_PROVIDER": "DEBUG"}, nil},
		"somebody asks for the SDK":  {map[string]string{"TF_LOG_SDK": "WARN"}, []string{"TF_LOG_PROVIDER_KAFKACONNECT"}},
		"somebody asks for a part":   {map[string]string{"TF_LOG_SDK_PROTO": "WARN"}, []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_KAFKACONNECT"}},
		"Terraform's own is no part": {map[string]string{"TF_LOG_CORE": "TRACE"}, logParts},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range append([]string{"TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER"}, logParts...) {
				t.Setenv(variable, "") // restores it after the test
				os.Unsetenv(variable)
				if value, ok := test.given[variable]; ok {
					t.Setenv(variable, value)
				}
			}
			if err := DisableUnusedLogging(); err != nil {
				t.Fatal(err)
			}
			for _, part := range logParts {
				want := test.given[part]
				if slices.Contains(test.off, part) {
					want = "OFF"
				}
				if got := os.Getenv(part); got != want {
					t.Errorf("%s is %q, want %q", part, got, want)
				}
			}
			if got, want := loggingIsOff(), len(test.off) == len(logParts); got != want {
				t.Errorf("the log is off: %t", got)
			}
		})
	}
}
