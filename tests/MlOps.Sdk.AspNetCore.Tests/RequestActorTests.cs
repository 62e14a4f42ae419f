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

    private static RequestActor Of(ClaimsPrincipal user) =>
        new(new HttpContextAccessor { HttpContext = new DefaultHttpContext { User = user } }, Options.Create(new MlOpsOptions()));
}
