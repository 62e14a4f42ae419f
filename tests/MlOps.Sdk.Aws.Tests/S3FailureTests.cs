using System.Net;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>Every failure says what to do, and nothing of what was signed.</summary>
[TestFixture]
public sealed class S3FailureTests : StoreFailureTests
{
    private static readonly ArtifactId Id = ArtifactId.Of("x"u8);

    private RecordingS3 _s3 = null!;

    [SetUp]
    public void Open() => _s3 = new RecordingS3();

    [TearDown]
    public void Close() => _s3.Dispose();

    [TestCase(HttpStatusCode.Forbidden, "AccessDenied", "access is denied (HTTP 403, AccessDenied)", "s3:PutObject")]
    [TestCase(HttpStatusCode.Forbidden, "ExpiredToken", "does not accept the credentials (ExpiredToken)", "Renew")]
    [TestCase(HttpStatusCode.NotFound, "NoSuchBucket", "there is no bucket 'models'", "create the bucket")]
    [TestCase(HttpStatusCode.MovedPermanently, "PermanentRedirect", "is in another region", "AWS_REGION")]
    [TestCase(HttpStatusCode.BadRequest, "BadDigest", "what arrived is not what was sent", "Try again")]
    [TestCase(HttpStatusCode.NotImplemented, "NotImplemented", "does not know the request", "BucketDefault")]
    [TestCase(HttpStatusCode.BadRequest, "KMS.DisabledException", "rejected the request (HTTP 400, KMS.DisabledException)", "bucket")]
    [TestCase(HttpStatusCode.ServiceUnavailable, "SlowDown", "not able to answer now (HTTP 503, SlowDown)", "later")]
    public async Task Calls_Rejected_SayWhatToDoWithoutSecrets(HttpStatusCode status, string code, string problem, string remedy)
    {
        const string More = $"<AWSAccessKeyId>{RecordingS3.AccessKey}</AWSAccessKeyId><StringToSign>AWS4 x</StringToSign>";
        _s3.Answer = (_, _) => Task.FromResult<HttpResponseMessage?>(RecordingS3.Error(status, code, More));
        var store = Store();

        foreach (var call in new Func<Task>[] { () => store.PutAsync("x"u8.ToArray()), () => store.ReadAllAsync(Id) })
        {
            var error = (await Assert.ThrowsAsync<MlOpsException>(async () => await call()))!;
            Assert.Multiple(() =>
            {
                Assert.That(error.Message, Does.Contain(problem).And.Contain(remedy).And.Contain(Id.Hex).And.Contain("s3://models/"));
                Assert.That(
                    error.ToString(),
                    Does.Not.Contain(RecordingS3.AccessKey).And.Not.Contain(RecordingS3.SecretKey).And.Not.Contain("StringToSign")
                        .And.Not.Contain("session-token"));
            });
        }
    }

    [Test]
    public async Task FindAsync_NoArtifact_IsNullAndDeletesNothing()
    {
        _s3.Answer = (request, _) => Task.FromResult<HttpResponseMessage?>(
            request.Method == "HEAD" ? new(HttpStatusCode.NotFound) : RecordingS3.Error(HttpStatusCode.NotFound, "NoSuchKey"));

        Assert.That(await Store().FindAsync(Id), Is.Null);
        Assert.That(await Store().DeleteAsync(Id), Is.False);
        Assert.That(_s3.Requests.Select(request => request.Method), Has.None.EqualTo("DELETE"));
    }

    [Test]
    public async Task PutAsync_ServerFailsForAMoment_IsRepeatedWithAllBytes()
    {
        var failures = 2;
        _s3.Answer = (request, _) => Task.FromResult(
            request.Method == "PUT" && failures-- > 0 ? RecordingS3.Error(HttpStatusCode.InternalServerError, "InternalError") : null);

        await new S3ArtifactStore(new S3ArtifactOptions { Bucket = "models" }, _s3.CreateClient(repetitions: 3))
            .PutAsync("hello"u8.ToArray());

        var puts = _s3.Requests.Where(request => request.Method == "PUT").ToArray();
        Assert.That(puts, Has.Length.EqualTo(3));
        Assert.That(puts.Select(put => put.Body), Is.All.EqualTo("hello"u8.ToArray()));
    }

    [Test]
    public void Calls_NobodyListens_SayThatTheStoreCannotBeReached()
    {
        _s3.Answer = (_, _) => throw new HttpRequestException("Connection refused");

        Assert.That(
            async () => await Store().PutAsync("x"u8.ToArray()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be reached").And.Message.Contains("Check the network"));
    }

    [Test]
    public async Task OpenAsync_ConnectionBreaks_ContinuesWhereItBroke()
    {
        var bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        _s3.Answer = (request, _) =>
        {
            var from = request["Range"] is { } range ? int.Parse(range["bytes=".Length..^1], null) : 0;
            var status = from == 0 ? HttpStatusCode.OK : HttpStatusCode.PartialContent;
            return Task.FromResult<HttpResponseMessage?>(new(status)
            {
                Content = new StreamContent(new BreakingStream(bytes.AsMemory(from), breakAfter: from == 0 ? 100_000 : int.MaxValue)),
            });
        };

        Assert.That(await Store().ReadAllAsync(ArtifactId.Of(bytes)), Is.EqualTo(bytes));
        Assert.That(_s3.Requests.Select(request => request["Range"]), Is.EqualTo(new[] { null, "bytes=100000-" }));
    }

    [Test]
    public void OpenAsync_ConnectionBreaksAgainAndAgain_IsAnErrorInTheEnd()
    {
        _s3.Answer = (_, _) => Task.FromResult<HttpResponseMessage?>(
            new(HttpStatusCode.OK) { Content = new StreamContent(new BreakingStream(new byte[10], breakAfter: 0)) });

        Assert.That(
            async () => await Store().ReadAllAsync(Id), Throws.TypeOf<MlOpsException>().With.Message.Contains("the connection broke"));
        Assert.That(_s3.Requests, Has.Count.EqualTo(4));
    }

    private protected override void Answer(Func<CancellationToken, Task<HttpResponseMessage?>> answer) =>
        _s3.Answer = (_, cancellationToken) => answer(cancellationToken);

    private protected override IArtifactStore Open(TimeSpan? time = null) => Store(options =>
    {
        if (time is { } longest) options.Timeout = options.TransferTimeout = longest;
    });

    private S3ArtifactStore Store(Action<S3ArtifactOptions>? configure = null)
    {
        var options = new S3ArtifactOptions { Bucket = "models" };
        configure?.Invoke(options);
        return new S3ArtifactStore(options, _s3.CreateClient());
    }

    private sealed class BreakingStream(ReadOnlyMemory<byte> bytes, int breakAfter) : MemoryStream
    {
        private int _position;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_position >= breakAfter) throw new IOException("The connection was reset.");
            var read = Math.Min(Math.Min(buffer.Length, bytes.Length - _position), breakAfter - _position);
            bytes.Slice(_position, read).CopyTo(buffer);
            _position += read;
            return ValueTask.FromResult(read);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
