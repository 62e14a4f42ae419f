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

    /// <summary>Keeps a server from starting that would let nobody in, or anybody.</summary>
    public override void Validate()
    {
        if (Keys.Count + ReleaseKeys.Count == 0 && !MayBeEmpty)
        {
            throw new InvalidOperationException(
                "There is no key. Set Keys__<name> to a key of at least 32 characters, or for development " +
                    "Serving__AllowAnonymousPredictions to true.");
        }
        if (Keys.Concat(ReleaseKeys).FirstOrDefault(key => key.Value.Length < ShortestKey).Key is { } name)
        {
            throw new InvalidOperationException($"The key of '{name}' is shorter than {ShortestKey} characters.");
        }
    }
}
