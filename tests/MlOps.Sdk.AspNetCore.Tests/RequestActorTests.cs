using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

[TestFixture]
public sealed class RequestActorTests
{
    [TestCase("risk-officer", true)]
    [TestCase("model-owner", false)]
    public void IsIn_UserOfTheRequest_HasTheRolesOfTheUser(string role, bool expected)
    {
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, "ann"), new Claim(ClaimTypes.Role, "risk-officer")], "test");

        Assert.That(Of(new ClaimsPrincipal(identity)).IsIn(role, "churn"), Is.EqualTo(expected));
    }

    [Test]
    public void IsIn_NobodyIsSignedIn_HasNoRole()
    {
        var stranger = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Role, "risk-officer")]));

        Assert.That(Of(stranger).IsIn("risk-officer", "churn"), Is.False);
        Assert.That(new RequestActor(new HttpContextAccessor(), Options.Create(new MlOpsOptions())).IsIn("x", "churn"), Is.False);
    }

    [TestCase("Ann", ClaimTypes.NameIdentifier, "Ann (123)", "123")]
    [TestCase("Ann Roe", ClaimTypes.NameIdentifier, "Ann Roe (123)", "123")]
    [TestCase(null, "sub", "123", "123")]
    [TestCase("Ann", null, "Ann", "Ann")]
    public void ActorId_OneUserWithSeveralNames_IsOne(string? name, string? claim, string actor, string id)
    {
        var identity = new ClaimsIdentity("test");
        if (name is not null) identity.AddClaim(new Claim(ClaimTypes.Name, name));
        if (claim is not null) identity.AddClaim(new Claim(claim, "123"));

        var found = Of(new ClaimsPrincipal(identity));

        Assert.That((found.Actor, found.ActorId), Is.EqualTo((actor, id)));
    }

    private static RequestActor Of(ClaimsPrincipal user) =>
        new(new HttpContextAccessor { HttpContext = new DefaultHttpContext { User = user } }, Options.Create(new MlOpsOptions()));
}
