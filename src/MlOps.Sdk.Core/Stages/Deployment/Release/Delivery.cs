using System.Globalization;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>Makes a blessed version the live one: moves the alias, then brings every target to it.</summary>
internal sealed class Delivery(DeploymentServices services, IReadOnlyList<Func<DeploymentServices, IDeploymentTarget>> targets)
{
    /// <summary>Deploys a version.</summary>
    /// <param name="version">The version, which was blessed.</param>
    /// <param name="champion">The version that is live; <see langword="null"/> when none is.</param>
    /// <param name="package">The package of the version.</param>
    /// <param name="reason">Why, for the record of the alias.</param>
    /// <param name="cancellationToken">Cancels the deployment.</param>
    /// <returns>The names of the targets.</returns>
    /// <exception cref="MlOpsException">A target cannot be brought to the version.</exception>
    public async Task<IReadOnlyList<string>> DeployAsync(
        ModelVersion version, ModelVersion? champion, byte[] package, string reason, CancellationToken cancellationToken)
    {
        var blessed = await services.Models.GetBlessedAsync(version.Model, version.Version, cancellationToken).ConfigureAwait(false);
        if (champion?.Version != version.Version)
        {
            await services.Models.PromoteAsync(
                blessed, ModelRegistry.Champion, champion?.Version, services.Actor, reason, cancellationToken).ConfigureAwait(false);
        }
        var desired = new DesiredDeployment(version.Model, blessed, package);
        var names = new List<string>();
        foreach (var create in targets)
        {
            var target = create(services);
            var turn = ReferenceEquals(target, services.Process) ? services.Process.TurnOf(version.Model) : null;
            if (turn is not null) await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await ApplyAsync(target, desired, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                turn?.Release();
            }

            names.Add(target.Name);
        }

        return names;
    }

    private static async Task ApplyAsync(IDeploymentTarget target, DesiredDeployment desired, CancellationToken cancellationToken)
    {
        await target.ApplyAsync(desired, cancellationToken).ConfigureAwait(false);
        var observed = await target.ObserveAsync(desired.Endpoint, cancellationToken).ConfigureAwait(false);
        if (observed.Version != desired.Model.Version.Version)
        {
            throw new MlOpsException(
                $"The target '{target.Name}' serves version {observed.Version?.ToString(CultureInfo.InvariantCulture) ?? "none"} " +
                    $"after version {desired.Model.Version.Version} was deployed.",
                "Look at the target, then run the lifecycle again.");
        }
    }
}
