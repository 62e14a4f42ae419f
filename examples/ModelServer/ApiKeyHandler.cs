using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace ModelServer;

/// <summary>Knows callers by the header <c>X-Api-Key</c>, or by <c>Authorization: Bearer</c> with the key.</summary>
internal sealed class ApiKeyHandler(IOptionsMonitor<ApiKeyOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<ApiKeyOptions>(options, logger, encoder)
{
    public const string Name = "api-key";
    public const string ReleaseClaim = "release";

    private const string Bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var key = Request.Headers["X-Api-Key"] is [{ } own] ? own
            : Request.Headers.Authorization is [{ } value] && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
                ? value[Bearer.Length..]
                : null;
        if (key is null) return Task.FromResult(AuthenticateResult.NoResult());
        if ((Find(Options.Keys, key) ?? Find(Options.ReleaseKeys, key)) is not { } name)
        {
            return Task.FromResult(AuthenticateResult.Fail("The key is unknown."));
        }
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], Name);
        if (Find(Options.ReleaseKeys, key) is not null) identity.AddClaim(new Claim(ReleaseClaim, "yes"));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name)));
    }

    // The time tells neither how much of a key is right nor which one it is like: hashes are compared, and always all of them.
    private static string? Find(Dictionary<string, string> keys, string key)
    {
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        string? found = null;
        foreach (var (name, known) in keys)
        {
            if (CryptographicOperations.FixedTimeEquals(given, SHA256.HashData(Encoding.UTF8.GetBytes(known)))) found = name;
        }

        return found;
    }
}
