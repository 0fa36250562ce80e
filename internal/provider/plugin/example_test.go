package plugin_test

import (
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func TestPlugin_examples(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	for file, want := range map[string][]string{
		"examples/data-sources/kafkaconnect_plugin/data-source.tf":  {`"topic",`, `"batch.size" = "2000"`},
		"examples/data-sources/kafkaconnect_plugins/data-source.tf": {`"` + connectfake.FileSource + `" = "4.3.1"`},
	} {
		c := acctest.NewCLI(t, acctest.Example(t, file))
		c.Env = append(c.Env, "KAFKA_CONNECT_URL="+w.URL())
		acctest.SaidBy(t, c.Apply(), want...)
		c.MustBeEmpty()
	}
}
