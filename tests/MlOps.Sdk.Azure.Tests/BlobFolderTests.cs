using System.Net;
using System.Text;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Azure.Tests;

/// <summary>Accounts with a hierarchical namespace list folders as blobs without bytes, which the emulator does not.</summary>
[TestFixture]
public sealed class BlobFolderTests
{
    private RecordingBlobs _blobs = null!;

    [SetUp]
    public void Open() => _blobs = new RecordingBlobs();

    [TearDown]
    public void Close() => _blobs.Dispose();

    [Test]
    public async Task ListAsync_Folders_AreLeftOut()
    {
        _blobs.Answer = (_, _) => Task.FromResult<HttpResponseMessage?>(new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent(
                $"""
                <?xml version="1.0" encoding="utf-8"?>
                <EnumerationResults ServiceEndpoint="https://devstoreaccount1.blob.core.windows.net/" ContainerName="lake"><Blobs>
                {Blob("sales", 0, "directory", "<hdi_isfolder>true</hdi_isfolder>")}
                {Blob("sales/empty.csv", 0, "file", "<owner>me</owner>")}
                {Blob("sales/orders.parquet", 0, "directory", "<Hdi_IsFolder>True</Hdi_IsFolder>")}
                {Blob("sales/orders.parquet/part.parquet", 7, "file", "")}
                {Blob("sales/other.csv", 5, "file", "<hdi_isfolder>false</hdi_isfolder>")}
                </Blobs><NextMarker /></EnumerationResults>
                """,
                Encoding.UTF8,
                "application/xml"),
        });

        var page = await new BlobObjectStore(new BlobObjectOptions { Container = "lake" }, _blobs.CreateClient()).ListAsync("sales");

        Assert.That(
            page.Objects.Select(stored => stored.Key),
            Is.EqualTo(new[] { "sales/empty.csv", "sales/orders.parquet/part.parquet", "sales/other.csv" }));
        Assert.That(_blobs.Requests[0].Address.Query, Does.Contain("include=metadata").IgnoreCase, "the mark is in the metadata");
    }

    [Test]
    public async Task FindAsync_Folder_IsNoArtifact()
    {
        _blobs.Answer = (_, _) =>
        {
            var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([]) };
            answer.Content.Headers.LastModified = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
            answer.Headers.TryAddWithoutValidation("ETag", "\"0x1\"");
            answer.Headers.TryAddWithoutValidation("x-ms-meta-hdi_isfolder", "true");
            return Task.FromResult<HttpResponseMessage?>(answer);
        };
        var store = new BlobArtifactStore(new BlobArtifactOptions { Container = "lake" }, _blobs.CreateClient());

        Assert.That(await store.FindAsync(ArtifactId.Of("x"u8)), Is.Null);
    }

    private static string Blob(string name, int size, string kind, string metadata) =>
        $"<Blob><Name>{name}</Name><Properties><Last-Modified>Fri, 02 Jan 2026 03:04:05 GMT</Last-Modified><Etag>0x1</Etag>" +
        $"<ResourceType>{kind}</ResourceType><Content-Length>{size}</Content-Length><BlobType>BlockBlob</BlobType></Properties>" +
        $"<Metadata>{metadata}</Metadata></Blob>";
}
