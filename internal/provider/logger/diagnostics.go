package logger

import (
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// diagnose turns an error of an operation into a diagnostic.
func diagnose(verb string, name types.String, err error) diag.Diagnostic {
	summary, detail := "Unable to "+verb+" logger "+diagnostics.Quoted(name.ValueString()), diagnostics.Sentence(err.Error())
	switch {
	case errors.Is(err, connectclient.ErrNoLoggers):
		return diag.NewErrorDiagnostic(summary, detail+"\n\nIf the workers have a separate admin listener, set connect.admin_urls of the provider to its addresses on the workers. "+
			"If admin.listeners of the workers is empty, they do not serve loggers: remove this setting, or give it an address, and restart the workers.")
	case connectclient.MayRecover(err):
		return diag.NewErrorDiagnostic(summary, detail+"\n\nCheck that the workers run and that each address in connect.urls, or connect.admin_urls, leads to a worker. If they need longer, raise the value in timeouts. "+
			"If the workers no longer exist, run terraform state rm for the resource.")
	}
	return diagnostics.FromConnect(summary, err)
}

// outcome returns the diagnostics of a change: its error, or a warning about workers that did not get the level.
func (m model) outcome(verb string, done changed, err error) (diags diag.Diagnostics) {
	if err != nil {
		return diag.Diagnostics{diagnose(verb, m.Name, err)}
	}
	var silent []string
	for _, w := range done.after {
		if w.Err != nil {
			silent = append(silent, w.URL)
		}
	}
	if len(silent) > 0 {
		diags.AddAttributeWarning(path.Root("name"), "Logger "+diagnostics.Quoted(m.Name.ValueString())+" was not set on all workers",
			strings.Join(silent, ", ")+" did not answer. A worker that restarts has the levels of its own log configuration; the next plan shows whether they differ.")
	}
	return diags
}

// overwrittenWarning warns that the apply may change the level of a logger that another resource has set.
func overwrittenWarning(name, other string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("name"), "Logger "+diagnostics.Quoted(other)+" may lose its level",
		"The workers do not report that "+diagnostics.Quoted(other)+" has a level of its own, and the new level of "+diagnostics.Quoted(name)+" applies to the loggers below. "+
			"If the next plan shows a change of "+diagnostics.Quoted(other)+", apply it. This happens only when "+diagnostics.Quoted(name)+" is created.")
}

// notRestoredWarning warns that no resource knows the original level any more.
func (m model) notRestoredWarning() diag.Diagnostic {
	before := "the level of the logger above"
	if !m.OriginalLevel.IsNull() {
		before = m.OriginalLevel.ValueString()
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("original_level"), "Logger "+diagnostics.Quoted(m.Name.ValueString())+" was not restored",
		"Another resource has set the level of this logger in the same apply, before this one was destroyed. The level stays, and original_level of the other resource is the level that Terraform had set. "+
			"Before Terraform managed the logger, it had "+before+". After a destroy, set that level yourself. To avoid this, use a moved block for a changed address, and no create_before_destroy.")
}
