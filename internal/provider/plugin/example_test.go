package plugin_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func TestPlugin_examples(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	for name, want := range map[string][]string{
		"plugin":  {`"topic",`, `"batch.size" = "2000"`},
		"plugins": {`"` + connectfake.FileSource + `" = "4.3.1"`},
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "examples", "data-sources", "kafkaconnect_"+name, "data-source.tf"))
		if err != nil {
			t.Fatal(err)
		}
		c := acctest.NewCLI(t, string(text))
		c.Env = append(c.Env, "KAFKA_CONNECT_URL="+w.URL())
		acctest.SaidBy(t, c.Apply(), want...)
		c.MustBeEmpty()
	}
}
