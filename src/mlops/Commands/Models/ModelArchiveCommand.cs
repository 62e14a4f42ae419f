using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Archives a version.</summary>
internal sealed class ModelArchiveCommand(Completions completions) : ArchiveSwitchCommand(
    completions, "archive", "Archive a version: lists leave it out, and it cannot be made live. Its package stays.")
{
    public override IReadOnlyList<string> Examples => ["mlops models archive customer-churn 2 --reason \"replaced by version 3\""];

    protected override Task<bool> SwitchAsync(
        ModelRegistry models, string model, int version, string reason, CancellationToken cancellationToken) =>
        models.ArchiveAsync(model, version, reason, cancellationToken);

    protected override string Outcome(bool isChanged) => isChanged ? "is archived." : "was archived already.";
}
