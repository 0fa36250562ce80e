package workerconfig_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat/jvmtest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// For every key of the catalogue, CheckValue refuses what Kafka cannot read as the
// key's type or finds outside its bounds or values, and nothing that Kafka accepts.
func TestCheckValueRefusesWhatKafkaRefuses(t *testing.T) {
	t.Parallel()
	type check struct {
		key   workerconfig.Key
		value string
	}
	var checks []check
	var questions []string
	for scope, keys := range catalogueKeys(t) {
		for _, key := range keys {
			for _, value := range trialValues(key) {
				checks = append(checks, check{key, value})
				questions = append(questions, jvmtest.Question(scope, key.Name, value))
			}
		}
	}
	refused, unknown := 0, 0
	for i, verdict := range jvmtest.Ask(t, "ValuesOracle.java", jvmtest.KafkaClassPath(t), questions) {
		key, value := checks[i].key, checks[i].value
		err := key.CheckValue(value)
		switch {
		case verdict == "unknown" && key.Until == "":
			t.Errorf("Kafka does not know %s, which is in the catalogue", key.Name)
		case verdict == "unknown":
			unknown++
		case verdict == "ok" && err != nil:
			t.Errorf("Kafka takes %q for %s (%s), but CheckValue says: %v", value, key.Name, key.Type, err)
		case verdict == "type" && err == nil, verdict == "invalid" && err == nil && isBounded(key) && !slices.Contains(key.Values, value):
			t.Errorf("Kafka refuses %q for %s (%s): %s, but CheckValue does not", value, key.Name, key.Type, verdict)
		case err != nil:
			refused++
		}
	}
	if refused < 1000 || unknown > len(checks)/20 {
		t.Errorf("of %d checks %d are refused and %d are of unknown keys, which proves too little", len(checks), refused, unknown)
	}
}

func isBounded(key workerconfig.Key) bool {
	return len(key.Values) > 0 || key.Min != "" || key.Max != ""
}

// catalogueKeys reads the keys by the scope in which Kafka defines them. Topics are
// left out: Connect does not define their settings.
func catalogueKeys(t *testing.T) map[string][]workerconfig.Key {
	t.Helper()
	text, err := os.ReadFile("keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct{ Worker, Producer, Consumer, Admin []workerconfig.Key }
	if err := json.Unmarshal(text, &parsed); err != nil {
		t.Fatal(err)
	}
	keys := map[string][]workerconfig.Key{"producer": parsed.Producer, "consumer": parsed.Consumer, "admin": parsed.Admin}
	for _, key := range parsed.Worker {
		for _, mode := range []workerconfig.Mode{workerconfig.ModeDistributed, workerconfig.ModeStandalone} {
			if key.Mode == mode || key.Mode == workerconfig.ModeBoth {
				keys[string(mode)] = append(keys[string(mode)], key)
			}
		}
	}
	return keys
}

// trialValues are right and wrong ones. Classes are tried by names that Java can
// load or whose form is wrong: whether a worker has a plugin, only it knows.
func trialValues(key workerconfig.Key) []string {
	if key.Type == workerconfig.TypeClass {
		return []string{"java.lang.String", " java.lang.String ", "no class", "a..b", ".a", "1a", "a,b"}
	}
	values := []string{
		"", " ", "true", "TRUE", " false ", "yes", "on", "0", "1", "-1", "+1", " 5 ", "007", "1.0", ".5", "5.", "0.85", "0.2", "1e3", "1e999", "1d", "1_000", "0x10", "1L", "--1",
		"127", "900", "901", "3600", "3601", "32767", "32768", "-32769", "86401", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808",
		"a", "a,b", "a, b ,", ",", "é", "none", "None", "HTTPS", "SASL_SSL", "sasl_ssl", "Info", "all",
	}
	return append(append(values, key.Values...), key.Default)
}
