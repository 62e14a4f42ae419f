using Microsoft.AspNetCore.Authentication;

namespace ModelServer;

/// <summary>Who may call, by name.</summary>
internal sealed class ApiKeyOptions : AuthenticationSchemeOptions
{
    private const int ShortestKey = 32;

    /// <summary>The keys of those who may predict and report labels.</summary>
    public Dictionary<string, string> Keys { get; set; } = [];

    /// <summary>The keys of those who may change releases as well.</summary>
    public Dictionary<string, string> ReleaseKeys { get; set; } = [];

    /// <summary>Whether the server may run without any key.</summary>
    public bool MayBeEmpty { get; set; }

    /// <summary>Whether there are routes that change releases.</summary>
    public bool HasReleaseRoutes { get; set; }

    /// <summary>Keeps a server from starting that would let nobody in, or anybody, or that has keys for routes that do not exist.</summary>
    public override void Validate()
    {
        if (Keys.Count + ReleaseKeys.Count == 0 && !MayBeEmpty)
        {
            throw new InvalidOperationException(
                "There is no key. Set Keys__<name> to a key of at least 32 characters, or for development " +
                    "Serving__AllowAnonymousPredictions to true.");
        }
        if (ReleaseKeys.Count > 0 && !HasReleaseRoutes)
        {
            throw new InvalidOperationException(
                "There are ReleaseKeys, and no routes that change releases: Serving__AdminPolicy is not set. Set it to 'release', as the " +
                    "appsettings.json of this program does, or remove the ReleaseKeys.");
        }
        var all = Keys.Concat(ReleaseKeys).ToArray();
        if (all.Any(key => string.IsNullOrWhiteSpace(key.Key)))
        {
            throw new InvalidOperationException("A key has no name, which the log and the audit log need. Set Keys__<name>.");
        }
        if (all.GroupBy(key => key.Value).FirstOrDefault(same => same.Count() > 1) is { } shared)
        {
            throw new InvalidOperationException(
                $"{string.Join(" and ", shared.Select(key => $"'{key.Key}'"))} have the same key. Give each caller a key of its own.");
        }
        if (all.FirstOrDefault(key => key.Value.Length < ShortestKey).Key is { } name)
        {
            throw new InvalidOperationException($"The key of '{name}' is shorter than {ShortestKey} characters.");
        }
    }
}
