using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

/// <summary>Takes the right to write away from files and folders, and gives it back.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class FilePermissions : IDisposable
{
    private const UnixFileMode Writing = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    // Root may write whatever the permissions say, unless its processes give that right up.
    private static readonly string[] s_boundRoot = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"];

    private readonly Dictionary<string, UnixFileMode> _before = [];

    /// <summary>
    /// What a command begins with, so that the permissions bind its process; the test is skipped where there is no such way.
    /// </summary>
    public static string[] RequireBinding()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("Windows has no permission bits that a test could take away.");
        using var folder = new TempFolder();
        using var permissions = new FilePermissions();
        var probe = folder.Write("probe", "x");
        permissions.MakeReadOnly(probe);
        if (Fails(() => File.OpenWrite(probe).Dispose())) return [];
        if (!BindsRoot()) Assert.Ignore("Permissions do not bind this account, and setpriv, which makes them, cannot be run by it.");
        return s_boundRoot;
    }

    public void MakeReadOnly(params string[] paths)
    {
        foreach (var path in paths)
        {
            _before.TryAdd(path, File.GetUnixFileMode(path));
            File.SetUnixFileMode(path, _before[path] & ~Writing);
        }
    }

    public void GiveBack()
    {
        foreach (var (path, mode) in _before) File.SetUnixFileMode(path, mode);
        _before.Clear();
    }

    public void Dispose() => GiveBack();

    private static bool Fails(Action write)
    {
        try
        {
            write();
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static bool BindsRoot()
    {
        try
        {
            using var process = Process.Start(s_boundRoot[0], [.. s_boundRoot[1..], "true"]);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            // It is not installed.
            return false;
        }
    }
}
