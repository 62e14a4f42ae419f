using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>Stores what the gates said of a version.</summary>
internal sealed class Attestation(DeploymentServices services, TimeProvider time)
{
    /// <summary>
    /// Stores an attestation, unless all it has against a version that is blessed is a comparison or an approval: not being better than
    /// what is live now, or not being approved once more, takes nothing away from a version, which may be needed to roll back to.
    /// </summary>
    /// <returns>What the gates said now, stored or not.</returns>
    public async Task<Blessing> StoreAsync(ModelVersion version, IReadOnlyList<GateResult> gates, CancellationToken cancellationToken)
    {
        var failed = gates.Where(gate => gate.Outcome == GateOutcome.Failed).ToArray();
        if (failed.Length > 0 && failed.All(gate => gate.Name is Gates.Comparison or ApprovalGate.Name))
        {
            // What still waits for the same people is not attested again.
            var before = await services.Models.BlessingsAsync(version.Model, version.Version, cancellationToken).ConfigureAwait(false);
            if (before.Count > 0 && (before[0].IsBlessed || failed.All(gate => gate.IsPending && before[0].Gates.Contains(gate))))
            {
                return new Blessing(version.Model, version.Version, version.ContentHash, time.GetUtcNow(), services.Actor, gates);
            }
        }

        return await services.Models.BlessAsync(version, gates, services.Actor, cancellationToken).ConfigureAwait(false);
    }
}
