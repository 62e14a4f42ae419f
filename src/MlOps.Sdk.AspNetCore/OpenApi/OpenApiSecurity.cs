using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MlOps.Sdk.AspNetCore;

/// <summary>How callers say who they are, as far as the application's schemes tell: one of its own could be anything.</summary>
/// <param name="Name">The name of the scheme.</param>
/// <param name="Type">What OpenAPI has of it, as JSON.</param>
internal sealed record OpenApiSecurity(string Name, string Type)
{
    private const string Authentication = "Microsoft.AspNetCore.Authentication";

    /// <summary>The schemes of which a route takes any.</summary>
    /// <param name="context">The request.</param>
    /// <param name="policy">The policy of the route; <see langword="null"/> for the default one.</param>
    /// <param name="isAnonymous">Whether anybody may call it.</param>
    public static async Task<IReadOnlyList<OpenApiSecurity>> OfAsync(HttpContext context, string? policy, bool isAnonymous)
    {
        var services = context.RequestServices;
        if (isAnonymous
            || services.GetService<IAuthorizationPolicyProvider>() is not { } policies
            || services.GetService<IAuthenticationSchemeProvider>() is not { } schemes)
        {
            return [];
        }
        List<string> names = [.. (await policies.GetDefaultPolicyAsync().ConfigureAwait(false)).AuthenticationSchemes];
        if (policy is not null) names.AddRange((await policies.GetPolicyAsync(policy).ConfigureAwait(false))?.AuthenticationSchemes ?? []);
        if (names.Count == 0 && await schemes.GetDefaultAuthenticateSchemeAsync().ConfigureAwait(false) is { } usual) names.Add(usual.Name);
        var known = new List<OpenApiSecurity>();
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            if (await schemes.GetSchemeAsync(name).ConfigureAwait(false) is { } scheme && TypeOf(scheme, services) is { } type)
            {
                known.Add(new OpenApiSecurity(
                    string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_')), type));
            }
        }

        return known;
    }

    // The packages of most handlers are not referenced, and their classes are internal; their names are part of ASP.NET Core.
    private static string? TypeOf(AuthenticationScheme scheme, IServiceProvider services)
    {
        for (var type = scheme.HandlerType; type is not null; type = type.BaseType)
        {
            switch (type.FullName)
            {
                case $"{Authentication}.JwtBearer.JwtBearerHandler":
                    return """{"type":"http","scheme":"bearer","bearerFormat":"JWT"}""";
                case $"{Authentication}.BearerToken.BearerTokenHandler": return """{"type":"http","scheme":"bearer"}""";
                case $"{Authentication}.Negotiate.NegotiateHandler": return """{"type":"http","scheme":"negotiate"}""";
                case $"{Authentication}.Certificate.CertificateAuthenticationHandler": return """{"type":"mutualTLS"}""";
                case $"{Authentication}.Cookies.CookieAuthenticationHandler":
                    var options = services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(scheme.Name);
                    return options.Cookie.Name is { } cookie
                        ? $$"""{"type":"apiKey","in":"cookie","name":"{{JsonEncodedText.Encode(cookie)}}"}"""
                        : null;
            }
        }

        return null;
    }
}
