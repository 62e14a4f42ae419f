using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.MailKit.Tests;

[TestFixture]
public sealed class EmailEncryptionTests
{
    [Test]
    public async Task Send_CertificateThatNobodyVouchesFor_IsRefusedBeforeAnythingIsSaid()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var own = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var said = ListenAsync(listener, own);
        var options = new EmailOptions
        {
            Host = "localhost",
            Port = ((IPEndPoint)listener.LocalEndpoint).Port,
            Security = EmailSecurity.Tls,
            User = "models",
            Password = _ => ValueTask.FromResult("secret"),
            From = "models@example.org",
        };
        options.To.Add("team@example.org");
        var alert = new Alert("a", "churn", 1, DateTimeOffset.UnixEpoch, [Signal.Bias], "x");

        Assert.That(
            async () => await new EmailSink(options).SendAsync(alert),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("did not take the alert"));
        Assert.That(await said.WaitAsync(TimeSpan.FromSeconds(30)), Is.Zero, "not a byte of mail");
    }

    // How many bytes came through, after the handshake.
    private static async Task<int> ListenAsync(TcpListener listener, X509Certificate2 certificate)
    {
        try
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var secured = new SslStream(client.GetStream());
            await secured.AuthenticateAsServerAsync(certificate);
            await secured.WriteAsync("220 mail\r\n"u8.ToArray());
            return await secured.ReadAsync(new byte[100]);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            return 0;
        }
    }
}
