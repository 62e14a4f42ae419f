// begin-snippet: custom-target
using MlOps.Sdk.Deployment;

namespace Acme;

/// <summary>Hands packages to another program through a folder: a file per version, and a file that says which one is live.</summary>
public sealed class FolderTarget(string folder) : IDeploymentTarget
{
    public string Name => "folder";

    public TargetCapabilities Capabilities { get; } = new(InProcess: false);

    public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
    {
        desired.RequireBlessed(); // rejects what the registry would not serve
        var version = desired.Model.Version;
        Directory.CreateDirectory(folder);
        var package = Path.Combine(folder, $"{desired.Endpoint}-{version.Version}.zip");
        await File.WriteAllBytesAsync(package + ".tmp", desired.Package, cancellationToken);
        File.Move(package + ".tmp", package, overwrite: true);
        await File.WriteAllTextAsync(Live(desired.Endpoint) + ".tmp", $"{version.Version} {version.ContentHash}", cancellationToken);
        // the switch: the old version or the new one, never both
        File.Move(Live(desired.Endpoint) + ".tmp", Live(desired.Endpoint), overwrite: true);
    }

    public async ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(Live(endpoint))) return new ObservedDeployment(endpoint, null, null);
        var live = (await File.ReadAllTextAsync(Live(endpoint), cancellationToken)).Split(' ');
        return new ObservedDeployment(endpoint, int.Parse(live[0], System.Globalization.CultureInfo.InvariantCulture), live[1]);
    }

    private string Live(string endpoint) => Path.Combine(folder, $"{endpoint}.live");
}
// end-snippet
