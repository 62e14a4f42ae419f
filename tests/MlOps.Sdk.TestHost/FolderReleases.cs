using System.Globalization;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;

/// <summary>Releases two versions in turn into a folder until it is killed, and says which release is begun and which is done.</summary>
internal static class FolderReleases
{
    public static async Task RunAsync(string folder, string releases, string key, long begin)
    {
        using var signer = PackageSigner.FromPem(await File.ReadAllTextAsync(key));
        await using var workspace = await Workspace.OpenAsync(folder, options => options.Signer = signer);
        var target = new ReleaseFolderTarget(releases, workspace.Outgoing, TimeProvider.System);
        var versions = new List<DesiredDeployment>();
        for (var version = 1; version <= 2; version++)
        {
            var blessed = await workspace.Models.GetBlessedAsync("sample", version);
            versions.Add(new DesiredDeployment(
                "sample", blessed, await workspace.Artifacts.ReadAllAsync(blessed.Version.PackageId)));
        }

        for (var i = begin; ; i++)
        {
            await target.ApplyAsync(versions[(int)(i % 2)] with { PromotedAt = DateTimeOffset.UnixEpoch.AddSeconds(i) });
            Console.WriteLine(i.ToString(CultureInfo.InvariantCulture));
        }
    }
}
