using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Deployment;

/// <summary>Serves models in this process.</summary>
internal sealed class InProcessTarget(
    Func<string, ModelSlot> slots,
    Func<string, int, ModelPackage, IPredictionRecorder?> recorders,
    Func<string, CancellationToken, Task> follow,
    FormatReaders readers) : IDeploymentTarget
{
    public string Name => "process";

    public TargetCapabilities Capabilities { get; } = new(InProcess: true);

    /// <summary>What reads packages in this process.</summary>
    public FormatReaders Readers => readers;

    /// <summary>What a caller holds while it makes a version live, see <see cref="ModelSlot.Turn"/>.</summary>
    public SemaphoreSlim TurnOf(string endpoint) => slots(endpoint).Turn;

    /// <summary>What a caller holds while it brings a target elsewhere to a version.</summary>
    public TargetTurn TurnOf(string endpoint, string target) => slots(endpoint).TurnOf(target);

    public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
    {
        // Where the model is stopped, no call must come in between.
        await follow(desired.Endpoint, cancellationToken).ConfigureAwait(false);
        var slot = slots(desired.Endpoint);
        var version = desired.Model.Version;
        if (slot.Current is { } current && current.Version == version.Version && current.Package.ContentHash == version.ContentHash)
        {
            slot.Accept();
            return;
        }
        var package = Prove(desired, readers);
        slot.Swap(version.Version, package, () => recorders(desired.Endpoint, version.Version, package));
    }

    /// <summary>
    /// Reads a package that is to be served, and holds it to its blessing, its golden rows, and the classes of the application.
    /// </summary>
    /// <exception cref="MlOpsException">It cannot be served here.</exception>
    public void RequireServable(DesiredDeployment desired)
    {
        using var package = Prove(desired, readers);
        RequireCallable(desired.Endpoint, desired.Model.Version.Version, package);
    }

    /// <summary>Holds a package to the classes of the application.</summary>
    /// <exception cref="MlOpsException">An endpoint cannot call it.</exception>
    public void RequireCallable(string endpoint, int version, ModelPackage package)
    {
        if (slots(endpoint).FindMismatches(version, package) is { } refused) throw refused.ToException(endpoint);
    }

    /// <summary>Reads a package that is to be served, and holds it to its blessing and to the answers of its golden rows.</summary>
    /// <exception cref="MlOpsException">The package is damaged, is another one, or does not predict as it did.</exception>
    public static ModelPackage Prove(DesiredDeployment desired, FormatReaders readers)
    {
        var package = Prove(desired.Endpoint, desired.Model.Version.Version, desired.Package, readers);
        try
        {
            desired.RequireBlessed(package.ContentHash);
            return package;
        }
        catch
        {
            package.Dispose();
            throw;
        }
    }

    /// <summary>Reads a package, and holds it to the answers of its golden rows.</summary>
    /// <exception cref="MlOpsException">The package is damaged, or does not predict as it did.</exception>
    public static ModelPackage Prove(string endpoint, int version, ReadOnlyMemory<byte> bytes, FormatReaders readers)
    {
        var package = PackageFile.Read(bytes, readers);
        if (Difference(package) is { } difference)
        {
            package.Dispose();
            throw new MlOpsException(
                $"Version {version} of '{endpoint}' does not give the same predictions as when it was packaged: " +
                    $"{difference} The " +
                    "live version stays.",
                "Use the versions of the library and of its packages with which it was created, or train it again.");
        }

        return package;
    }

    // Code of another version, or another processor's, may compute otherwise.
    private static string? Difference(ModelPackage package)
    {
        try
        {
            return package.CheckGoldenRows(package.IsExact ? 0 : ModelPackage.Tolerance);
        }
        catch (MlOpsException e)
        {
            return e.Message;
        }
        catch
        {
            package.Dispose();
            throw;
        }
    }

    public ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        var current = slots(endpoint).Current;
        return ValueTask.FromResult(new ObservedDeployment(endpoint, current?.Version, current?.Package.ContentHash));
    }
}
