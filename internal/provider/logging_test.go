package provider

import (
	"os"
	"testing"
)

func TestDisableUnusedLogging(t *testing.T) {
	for name, test := range map[string]struct {
		given map[string]string
		sdk   string // TF_LOG_SDK afterwards
		own   string // TF_LOG_PROVIDER_KAFKACONNECT afterwards
	}{
		"nobody reads it":            {nil, "OFF", "OFF"},
		"somebody reads all":         {map[string]string{"TF_LOG": "INFO"}, "", ""},
		"somebody reads providers'":  {map[string]string{"TF_LOG_PROVIDER": "DEBUG"}, "", ""},
		"somebody asks for a part":   {map[string]string{"TF_LOG_SDK": "WARN"}, "WARN", "OFF"},
		"Terraform's own is no part": {map[string]string{"TF_LOG_CORE": "TRACE"}, "OFF", "OFF"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_SDK", "TF_LOG_PROVIDER_KAFKACONNECT"} {
				t.Setenv(variable, "") // restores it after the test
				os.Unsetenv(variable)
				if value, ok := test.given[variable]; ok {
					t.Setenv(variable, value)
				}
			}
			if err := DisableUnusedLogging(); err != nil {
				t.Fatal(err)
			}
			if sdk, own := os.Getenv("TF_LOG_SDK"), os.Getenv("TF_LOG_PROVIDER_KAFKACONNECT"); sdk != test.sdk || own != test.own {
				t.Errorf("got %q and %q", sdk, own)
			}
		})
	}
}
