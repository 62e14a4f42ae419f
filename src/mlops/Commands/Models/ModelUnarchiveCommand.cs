using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Takes an archived version back.</summary>
internal sealed class ModelUnarchiveCommand(Completions completions) : ArchiveSwitchCommand(
    completions, "unarchive", "Take an archived version back into the lists.")
{
    public override IReadOnlyList<string> Examples => ["mlops models unarchive customer-churn 2 --reason \"still needed\""];

    protected override Task<bool> SwitchAsync(
        ModelRegistry models, string model, int version, string reason, CancellationToken cancellationToken) =>
        models.UnarchiveAsync(model, version, reason, cancellationToken);

    protected override string Outcome(bool isChanged) => isChanged ? "is in the lists again." : "was not archived.";
}
