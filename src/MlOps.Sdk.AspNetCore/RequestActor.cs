using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using MlOps.Sdk.Data;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Who acts: the user of the request, and outside of requests the actor of the host. What requests may do, the policies of their routes
/// decide before. Thread-safe.
/// </summary>
internal sealed class RequestActor(IHttpContextAccessor requests, IOptions<MlOpsOptions> options) : IActorProvider
{
    private const int Longest = 200;

    private readonly string _host = options.Value.Actor ?? new WorkspaceOptions().Actor;

    public string Actor => requests.HttpContext?.User is { Identity.IsAuthenticated: true } user ? NameOf(user) : _host;

    public string ActorId =>
        requests.HttpContext?.User is { Identity.IsAuthenticated: true } user && IdOf(user) is { } id ? id : Actor;

    public bool May(ReleaseAction action, string model) => true;

    public bool IsIn(string role, string model) =>
        requests.HttpContext?.User is { Identity.IsAuthenticated: true } user && user.IsInRole(role);

    /// <summary>
    /// A user, as it may stand in a record: the name and, because names change and users may have the same, what identifies the user.
    /// </summary>
    public static string NameOf(ClaimsPrincipal user)
    {
        var name = user.Identity?.Name;
        var id = IdOf(user);
        return (string.IsNullOrWhiteSpace(name), id is null || id == name) switch
        {
            (true, _) => id is null ? "a user without a name" : PrintableText.ShortenTo(id, Longest),
            (false, true) => PrintableText.ShortenTo(name!, Longest),
            _ => $"{PrintableText.ShortenTo(name!, Longest)} ({PrintableText.ShortenTo(id!, Longest)})",
        };
    }

    // What the schemes of one application give for one user: a cookie and a token may have other names for it.
    private static string? IdOf(ClaimsPrincipal user)
    {
        var id = user.FindFirstValue(ClaimTypes.NameIdentifier);
        if (string.IsNullOrWhiteSpace(id)) id = user.FindFirstValue("sub");
        return string.IsNullOrWhiteSpace(id) ? null : id;
    }
}
