using System.Globalization;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>What became of labels that arrived. Every label is counted in exactly one of the four.</summary>
/// <param name="Added">Labels of recorded predictions that had none before.</param>
/// <param name="Changed">Labels of recorded predictions that replaced another.</param>
/// <param name="Unchanged">Labels of recorded predictions that had the same already.</param>
/// <param name="Unmatched">The ids of the other labels: no prediction is recorded under them. Their labels are kept until one is.</param>
public sealed record FeedbackReceipt(int Added, int Changed, int Unchanged, IReadOnlyList<PredictionId> Unmatched)
{
    /// <summary>The four counts.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Prose.Count(Added, "label")} added, {Changed:N0} changed, {Unchanged:N0} unchanged, {Unmatched.Count:N0} unmatched");
}
