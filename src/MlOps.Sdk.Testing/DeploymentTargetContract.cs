using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>What every <see cref="IDeploymentTarget"/> promises. Derive a fixture from it for each target.</summary>
[TestFixture]
public abstract class DeploymentTargetContract
{
    private const string Endpoint = "contract";

    /// <summary>Makes a target that serves nothing yet.</summary>
    /// <param name="workspace">The workspace of the models that will be deployed.</param>
    protected abstract IDeploymentTarget Create(Workspace workspace);

    /// <summary>
    /// Changes what the target serves behind its back: a byte of the file that it wrote, for example. What is observed then is not the
    /// version that was deployed, so that it is brought there again.
    /// </summary>
    /// <param name="target">The target, which serves a version.</param>
    /// <param name="endpoint">The endpoint's name.</param>
    /// <returns>
    /// Whether there was something to change; if not, the test is skipped. Default: no, nobody can reach what the target serves.
    /// </returns>
    protected virtual Task<bool> TamperAsync(IDeploymentTarget target, string endpoint) => Task.FromResult(false);

    /// <summary>A target that was told nothing serves nothing.</summary>
    [Test]
    public async Task ObserveAsync_NothingDeployed_HasNoVersion()
    {
        var temporary = await TemporaryWorkspace.OpenAsync().ConfigureAwait(false);
        await using (temporary.ConfigureAwait(false))
        {
            var target = Create(temporary.Workspace);

            Assert.That(target.Name, Is.Not.Null.And.Not.Empty);
            Assert.That(
                await target.ObserveAsync(Endpoint).ConfigureAwait(false),
                Is.EqualTo(new ObservedDeployment(Endpoint, null, null)));
        }
    }

    /// <summary>
    /// A version is served once it was applied, also when it is applied again; then the next one, and the first again after a rollback.
    /// </summary>
    [Test]
    public Task ApplyAsync_Versions_AreServedInTurn() => WithTwoAsync(async (target, first, second) =>
    {
        // An earlier version that comes back went live later than what it replaces.
        var back = first with { PromotedAt = second.PromotedAt!.Value.AddTicks(1) };
        foreach (var desired in new[] { first, first, second, back, back })
        {
            await target.ApplyAsync(desired).ConfigureAwait(false);
            Assert.That(await ObserveAsync(target).ConfigureAwait(false), Is.EqualTo(Observed(desired)));
        }

        Assert.That((await target.ObserveAsync("another endpoint").ConfigureAwait(false)).Version, Is.Null);
    });

    /// <summary>A package that is damaged, or not the blessed one, is rejected, and the served version stays live.</summary>
    [Test]
    public Task ApplyAsync_PackageThatWasNotBlessed_IsRefusedAndTheOldGoesOn() => WithTwoAsync(async (target, first, second) =>
    {
        await target.ApplyAsync(first).ConfigureAwait(false);
        var damaged = second.Package.ToArray();

        // More than the header of an entry: a bit of the time in it would damage nothing that a package has.
        foreach (ref var value in damaged.AsSpan(damaged.Length / 2, Math.Min(128, damaged.Length / 2))) value ^= 0x10;
        foreach (var wrong in new[]
        {
            second with { Package = first.Package },
            second with { Package = damaged },
            second with { Package = ReadOnlyMemory<byte>.Empty }
        })
        {
            Assert.That(
                async () => await target.ApplyAsync(wrong).ConfigureAwait(false),
                Throws.InstanceOf<MlOpsException>().With.Property(nameof(MlOpsException.Remedy)).Not.Null);
            Assert.That(await ObserveAsync(target).ConfigureAwait(false), Is.EqualTo(Observed(first)));
        }
    });

    /// <summary>What was changed behind the target's back is not taken for the version that was deployed, and is repaired.</summary>
    [Test]
    public Task ObserveAsync_ChangedBehindItsBack_IsNotInSyncUntilItIsAppliedAgain() => WithTwoAsync(async (target, first, second) =>
    {
        await target.ApplyAsync(first).ConfigureAwait(false);
        await target.ApplyAsync(second).ConfigureAwait(false);
        if (!await TamperAsync(target, Endpoint).ConfigureAwait(false))
        {
            Assert.Ignore("Nothing was changed behind the target's back: override TamperAsync, unless nobody can reach what it serves.");
        }

        Assert.That(await ObserveAsync(target).ConfigureAwait(false), Is.Not.EqualTo(Observed(second)));
        await target.ApplyAsync(second).ConfigureAwait(false);
        Assert.That(await ObserveAsync(target).ConfigureAwait(false), Is.EqualTo(Observed(second)));
    });

    /// <summary>After a deployment that was cancelled, the old version is served or the new one.</summary>
    [Test]
    public Task ApplyAsync_Cancelled_ServesOldOrNew() => WithTwoAsync(async (target, first, second) =>
    {
        await target.ApplyAsync(first).ConfigureAwait(false);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync().ConfigureAwait(false);
        try
        {
            await target.ApplyAsync(second, cancelled.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Either is allowed: to have been too late to cancel, or to have stopped.
        }

        Assert.That(await ObserveAsync(target).ConfigureAwait(false), Is.EqualTo(Observed(first)).Or.EqualTo(Observed(second)));
    });

    // Whether a target knows who signed what it serves is its own affair.
    private static async Task<ObservedDeployment> ObserveAsync(IDeploymentTarget target) =>
        await target.ObserveAsync(Endpoint).ConfigureAwait(false) with { KeyId = null };

    private static ObservedDeployment Observed(DesiredDeployment desired) =>
        new(Endpoint, desired.Model.Version.Version, desired.Model.Version.ContentHash);

    private async Task WithTwoAsync(Func<IDeploymentTarget, DesiredDeployment, DesiredDeployment, Task> test)
    {
        var temporary = await TemporaryWorkspace.OpenAsync().ConfigureAwait(false);
        await using (temporary.ConfigureAwait(false))
        {
            var workspace = temporary.Workspace;
            var (first, second) = await BlessedModels.CreateTwoAsync(workspace).ConfigureAwait(false);
            await test(
                Create(workspace),
                await BlessedModels.DesiredAsync(workspace, first, Endpoint).ConfigureAwait(false),
                await BlessedModels.DesiredAsync(workspace, second, Endpoint).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }
}
