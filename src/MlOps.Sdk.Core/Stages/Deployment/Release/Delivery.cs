using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Makes a blessed version the live one: moves the alias, then brings every target to it. The alias and what this process serves change
/// together, one version of a model at a time. Targets elsewhere follow one after the other; no other version waits for them to go live.
/// </summary>
internal sealed class Delivery(DeploymentServices services, IReadOnlyList<IDeploymentTarget> targets)
{
    // A little longer than the run, which names what it leaves behind.
    private static readonly TimeSpan Longer = TimeSpan.FromSeconds(1);

    private const string TriedAgain =
        "A host brings it to the live version at the next MlOpsOptions.ReconcileInterval; without a host, call ReconcileAsync of the " +
        "lifecycle.";

    /// <summary>What else belongs to the commit that moves the alias.</summary>
    public Action<DbConnection>? Also { get; init; }

    /// <summary>How long a target that does not listen is waited for once the run is cancelled.</summary>
    public TimeSpan Grace { get; init; } = PluginPatience.DefaultGrace;

    /// <summary>Deploys a version.</summary>
    /// <param name="version">The version, which was blessed.</param>
    /// <param name="champion">The version that is live; <see langword="null"/> when none is.</param>
    /// <param name="package">The package of the version.</param>
    /// <param name="reason">Why, for the record of the alias.</param>
    /// <param name="cancellationToken">
    /// Cancels the waiting for another version to go live. Once the alias is moved the targets follow: nobody could tell otherwise what is
    /// served. A target elsewhere that does not is left behind after the grace period.
    /// </param>
    /// <returns>The names of the targets.</returns>
    /// <exception cref="ConcurrencyException">Another version was promoted since <paramref name="champion"/> was read.</exception>
    /// <exception cref="MlOpsException">The actor may not promote it, or a target cannot be brought to the version.</exception>
    public async Task<IReadOnlyList<string>> DeployAsync(
        ModelVersion version, ModelVersion? champion, byte[] package, string reason, CancellationToken cancellationToken)
    {
        var desired = await PromoteAsync(version, champion, package, reason, cancellationToken).ConfigureAwait(false);
        await BringElsewhereAsync(desired, cancellationToken).ConfigureAwait(false);
        return [.. targets.Select(target => target.Name)];
    }

    /// <summary>Moves the alias, and lets this process serve the version if it is one of the targets.</summary>
    /// <inheritdoc cref="DeployAsync"/>
    /// <returns>What targets elsewhere are to serve.</returns>
    public async Task<DesiredDeployment> PromoteAsync(
        ModelVersion version, ModelVersion? champion, byte[] package, string reason, CancellationToken cancellationToken)
    {
        var blessed = await services.Models.GetBlessedAsync(version.Model, version.Version, cancellationToken).ConfigureAwait(false);
        var desired = new DesiredDeployment(version.Model, blessed, package);

        // Whoever serves what is promoted waits, too, so that the promotion and the swap are one step to it.
        var turn = services.Process.TurnOf(version.Model);
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            desired = desired with { PromotedAt = await PromoteAsync(blessed, champion, package, reason).ConfigureAwait(false) };
            foreach (var target in targets.Where(IsThisProcess))
            {
                await BringAsync(target, desired, CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            turn.Release();
        }

        return desired;
    }

    /// <summary>Brings the targets elsewhere to the version that is live, one after the other.</summary>
    /// <param name="desired">The version that was made live.</param>
    /// <param name="cancellationToken">The targets follow even then; one that does not is left behind after the grace period.</param>
    /// <exception cref="MlOpsException">A target cannot be brought to the version, or does not answer in time.</exception>
    public async Task BringElsewhereAsync(DesiredDeployment desired, CancellationToken cancellationToken)
    {
        foreach (var target in targets.Where(target => !IsThisProcess(target)))
        {
            var elsewhere = new TargetElsewhere(services, target, desired.Endpoint) { Grace = Grace + Longer };
            try
            {
                await elsewhere.BringAsync(desired, follows: false, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException e)
            {
                throw new MlOpsException(
                    $"The target '{target.Name}' was not brought to the live version of '{desired.Endpoint}'. {e.Message}",
                    $"Check the target. {TriedAgain} If it never ends an earlier call, restart this process.",
                    e);
            }
            catch (MlOpsException e) when (e is not ConcurrencyException)
            {
                var version = desired.Model.Version.Version;
                throw new MlOpsException(
                    FormattableString.Invariant($"Version {version} of '{desired.Endpoint}' is live, and the target '{target.Name}' ") +
                        $"was not brought to it: {e.Problem}",
                    $"{e.Remedy} {TriedAgain}".TrimStart(),
                    e) { DataSource = e.DataSource, IsOfCaller = e.IsOfCaller };
            }
        }
    }

    private bool IsThisProcess(IDeploymentTarget target) => ReferenceEquals(target, services.Process);

    // When it went live.
    private async Task<DateTimeOffset> PromoteAsync(BlessedModel blessed, ModelVersion? champion, byte[] package, string reason)
    {
        var version = blessed.Version;
        if (champion?.Version != version.Version)
        {
            services.Acting.Require(ReleaseAction.Promote, version.Model);
            var change = await services.Models.PromoteAsync(
                blessed, ModelRegistry.Champion, champion?.Version, services.Actor, reason, package,
                Also is { } also ? (connection, _) => also(connection) : null, CancellationToken.None)
                .ConfigureAwait(false);
            return change.At;
        }

        // The version was live when it was read; another may have been promoted since, and must not be taken off.
        var live = await services.Models.RouteAsync(
            version.Model, ModelRegistry.Champion, CancellationToken.None).ConfigureAwait(false);
        return live?.Version == version.Version
            ? live.At
            : throw ModelRegistry.Conflict(version.Model, ModelRegistry.Champion, version.Version, live?.Version);
    }

    /// <summary>Brings a target to a version, and makes sure that it serves it.</summary>
    /// <exception cref="MlOpsException">It does not.</exception>
    internal static async Task BringAsync(IDeploymentTarget target, DesiredDeployment desired, CancellationToken cancellationToken)
    {
        await target.ApplyAsync(desired, cancellationToken).ConfigureAwait(false);
        var observed = await target.ObserveAsync(desired.Endpoint, cancellationToken).ConfigureAwait(false);
        if (observed.Version != desired.Model.Version.Version)
        {
            throw new MlOpsException(
                $"The target '{target.Name}' serves version {observed.Version?.ToString(CultureInfo.InvariantCulture) ?? "none"} " +
                    $"after version {desired.Model.Version.Version} was deployed.",
                "Check the target.");
        }
    }
}
