using System.Net;
using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Azure.Tests;

/// <summary>Every failure says what to do, and nothing of what was signed.</summary>
[TestFixture]
public sealed class BlobFailureTests : StoreFailureTests
{
    private static readonly ArtifactId Id = ArtifactId.Of("x"u8);

    private RecordingBlobs _blobs = null!;

    [SetUp]
    public void Open() => _blobs = new RecordingBlobs();

    [TearDown]
    public void Close() => _blobs.Dispose();

    [TestCase(HttpStatusCode.Forbidden, "AuthorizationPermissionMismatch", "access is denied (HTTP 403, Auth", "Blob Data Contributor")]
    [TestCase(HttpStatusCode.Unauthorized, "NoAuthenticationInformation", "access is denied (HTTP 401", "Blob Data Contributor")]
    [TestCase(HttpStatusCode.NotFound, "ContainerNotFound", "there is no container 'models'", "create the container")]
    [TestCase(HttpStatusCode.Conflict, "ContainerBeingDeleted", "is being deleted", "another container")]
    [TestCase(HttpStatusCode.BadRequest, "Md5Mismatch", "what arrived is not what was sent", "Try again")]
    [TestCase(HttpStatusCode.BadRequest, "InvalidHeaderValue", "rejected the request (HTTP 400, InvalidHeaderValue)", "service version")]
    [TestCase(HttpStatusCode.ServiceUnavailable, "ServerBusy", "not able to answer now (HTTP 503, ServerBusy)", "later")]
    public async Task Calls_Rejected_SayWhatToDoWithoutSecrets(HttpStatusCode status, string code, string problem, string remedy)
    {
        _blobs.Answer = (_, _) => Task.FromResult<HttpResponseMessage?>(RecordingBlobs.Error(status, code));
        var store = Store();

        foreach (var call in new Func<Task>[] { () => store.PutAsync("x"u8.ToArray()), () => store.ReadAllAsync(Id) })
        {
            var error = (await Assert.ThrowsAsync<MlOpsException>(async () => await call()))!;
            Assert.Multiple(() =>
            {
                Assert.That(error.Message, Does.Contain(problem).And.Contain(remedy).And.Contain(Id.Hex).And.Contain("https://"));
                Assert.That(error.ToString(), Does.Not.Contain(RecordingBlobs.Key).And.Not.Contain("string to sign"));
            });
        }
    }

    [Test]
    public async Task PutAsync_ServerFailsForAMoment_IsRepeatedWithAllBytes()
    {
        var failures = 2;
        _blobs.Answer = (request, _) => Task.FromResult(
            failures-- > 0 ? RecordingBlobs.Error(HttpStatusCode.InternalServerError, "InternalError") : null);

        await new BlobArtifactStore(new BlobArtifactOptions { Container = "models" }, _blobs.CreateClient(repetitions: 3))
            .PutAsync("hello"u8.ToArray());

        Assert.That(_blobs.Requests, Has.Count.EqualTo(3));
        Assert.That(_blobs.Requests.Select(put => put.Body), Is.All.EqualTo("hello"u8.ToArray()));
    }

    [Test]
    public void Calls_NoCredentials_SayWhereTheyComeFrom()
    {
        var client = new BlobServiceClient(new Uri("https://account.blob.core.windows.net"), new NoCredential());
        var store = new BlobArtifactStore(new BlobArtifactOptions { Container = "models" }, client);

        Assert.That(
            async () => await store.PutAsync("x"u8.ToArray()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no credentials that Azure accepts")
                .And.Message.Contains("DefaultAzureCredential"));
    }

    [TestCase(0)]
    [TestCase(2)]
    public void Calls_NobodyListens_SayThatTheStoreCannotBeReached(int repetitions)
    {
        _blobs.Answer = (_, _) => throw new HttpRequestException("Connection refused");
        var store = new BlobArtifactStore(
            new BlobArtifactOptions { Container = "models" }, _blobs.CreateClient(repetitions: repetitions));

        Assert.That(
            async () => await store.PutAsync("x"u8.ToArray()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be reached").And.Message.Contains("Check the network"));
        Assert.That(_blobs.Requests, Has.Count.EqualTo(1 + repetitions));
    }

    private protected override void Answer(Func<CancellationToken, Task<HttpResponseMessage?>> answer) =>
        _blobs.Answer = (_, cancellationToken) => answer(cancellationToken);

    private protected override IArtifactStore Open(TimeSpan? time = null) => Store(options =>
    {
        if (time is { } longest) options.Timeout = options.TransferTimeout = longest;
    });

    private BlobArtifactStore Store(Action<BlobArtifactOptions>? configure = null)
    {
        var options = new BlobArtifactOptions { Container = "models" };
        configure?.Invoke(options);
        return new BlobArtifactStore(options, _blobs.CreateClient());
    }

    private sealed class NoCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new CredentialUnavailableException("nobody is signed in");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new CredentialUnavailableException("nobody is signed in");
    }
}
