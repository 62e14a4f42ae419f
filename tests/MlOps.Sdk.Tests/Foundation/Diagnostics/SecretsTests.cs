using MlOps.Sdk.Diagnostics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Diagnostics;

[TestFixture]
public sealed class SecretsTests
{
    private const string Canary = "CANARY";

    [TestCase("cannot connect with Host=db;Username=u;Password=CANARY", "cannot connect with Host=db;Username=u;Password=…")]
    [TestCase("Server=db;Pwd=CANARY;Encrypt=true", "Server=db;Pwd=…;Encrypt=true")]
    [TestCase("Server=db;Password=my CANARY phrase;Encrypt=true", "Server=db;Password=…;Encrypt=true")]
    [TestCase("Server=db;Password='a;CANARY';Encrypt=true", "Server=db;Password=…;Encrypt=true")]
    [TestCase("Server=db;Password=\"a\"\"CANARY\";Encrypt=true", "Server=db;Password=…;Encrypt=true")]
    [TestCase("Driver=x;PWD={a;CANARY};Port=1", "Driver=x;PWD=…;Port=1")]
    [TestCase("AccountName=a;AccountKey=CANARY==;EndpointSuffix=core", "AccountName=a;AccountKey=…;EndpointSuffix=core")]
    [TestCase("Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=CANARY", "SharedAccessKey=…")]
    [TestCase("password = CANARY was refused", "password = … was refused")]
    [TestCase("{\"user\":\"u\",\"password\":\"CANARY\"}", "{\"user\":\"u\",\"password\":…}")]
    [TestCase("{\"client_secret\": \"a\\\"CANARY\", \"x\": 1}", "{\"client_secret\": …, \"x\": 1}")]
    [TestCase("x-api-key: CANARY", "x-api-key: …")]
    [TestCase("apikey=CANARY, retry", "apikey=…, retry")]
    [TestCase("key=CANARY", "key=…")]
    [TestCase("Authorization: Bearer CANARY", "Authorization: …")]
    [TestCase("header 'Bearer CANARY' refused", "header 'Bearer …' refused")]
    [TestCase("GET https://u:CANARY@host/a", "GET https://…@host/a")]
    [TestCase("GET https://CANARY@host/a", "GET https://…@host/a")]
    [TestCase("postgres://u:p@CANARY@host/a", "postgres://…@host/a")]
    [TestCase("GET https://host/a?sv=1&sig=CANARY failed", "GET https://host/a?… failed")]
    [TestCase("s3://b/k?X-Amz-Signature=CANARY&X-Amz-Date=1", "s3://b/k?…")]
    [TestCase("?se=2026&sig=CANARY&sp=r", "?se=2026&sig=…&sp=r")]
    [TestCase("ran tool --password CANARY --host db", "ran tool --password … --host db")]
    [TestCase("ran tool --db-password=CANARY --host db", "ran tool --db-password=… --host db")]
    [TestCase("AWS_SECRET_ACCESS_KEY=CANARY", "AWS_SECRET_ACCESS_KEY=…")]
    [TestCase("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDQU5BUlkifQ.c2ln ended", "token … ended")]
    [TestCase("-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY-----", "…")]
    [TestCase("Server=db;User Id=sa;Password=a,b CANARY", "Server=db;User Id=sa;Password=…")]
    [TestCase("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\nCANARY\n-----END RSA PRIVATE KEY-----", "…")]
    [TestCase("{\\\"password\\\":\\\"CANARY\\\",\\\"x\\\":1}", "{\\\"password\\\":…,\\\"x\\\":1}")]
    [TestCase("{\\\"secret\\\":\\\"a\\\\\\\"CANARY\\\"}", "{\\\"secret\\\":…}")]
    [TestCase("{\\u0022password\\u0022:\\u0022CANARY\\u0022}", "{\\u0022password\\u0022:…}")]
    [TestCase("&quot;password&quot;:&quot;CANARY&quot;,", "&quot;password&quot;:…,")]
    [TestCase("%22password%22%3A%22CANARY%22", "%22password%22%3A…")]
    [TestCase("<db><password>CANARY</password></db>", "<db><password>…</password></db>")]
    [TestCase("<password><![CDATA[CANARY]]></password>", "<password>…</password>")]
    [TestCase("<add key=\"DbPassword\" value=\"CANARY\"/>", "<add key=\"DbPassword\" value=…/>")]
    [TestCase("Authorization: ApiKey CANARY", "Authorization: …")]
    [TestCase("Authorization: Digest username=\"u\", response=\"CANARY\"", "Authorization: …")]
    [TestCase("Set-Cookie: sid=CANARY; Path=/\nDate: today", "Set-Cookie: …\nDate: today")]
    [TestCase("x-auth: CANARY", "x-auth: …")]
    [TestCase("postgres://u:p/CANARY@host/a", "postgres://…@host/a")]
    [TestCase("postgres://u:p#CANARY@host/a", "postgres://…@host/a")]
    [TestCase("admin:CANARY@db:5432 refused", "…@db:5432 refused")]
    [TestCase("u:CANARY@tcp(127.0.0.1:3306)/a", "…@tcp(127.0.0.1:3306)/a")]
    [TestCase("jdbc:oracle:thin:scott/CANARY@host:1521:x", "…@host:1521:x")]
    [TestCase("curl -u bob:CANARY http://host", "curl -u … http://host")]
    [TestCase("Pass=CANARY;Host=db", "Pass=…;Host=db")]
    [TestCase("Password=p)CANARY", "Password=…")]
    [TestCase("Password=a,CANARY was refused", "Password=… was refused")]
    [TestCase("Password=a&CANARY", "Password=…")]
    [TestCase("Password=a'CANARY", "Password=…")]
    [TestCase("host=db password=a\\ CANARY user=u", "host=db password=… user=u")]
    [TestCase("host:6379,password=CANARY,ssl=True", "host:6379,password=…")]
    [TestCase("Password = \"\"CANARY\"\"", "Password = …\"\"")]
    [TestCase("Invalid password 'CANARY' given", "Invalid password … given")]
    [TestCase("password: |\n  CANARY", "password: |\n  …")]
    [TestCase("[password, CANARY]", "[password, …]")]
    [TestCase("(\"password\", \"CANARY\")", "(\"password\", …)")]
    [TestCase("CREATE USER u IDENTIFIED BY CANARY", "CREATE USER u IDENTIFIED BY …")]
    [TestCase("sk_live_CANARYCANARY", "…")]
    [TestCase("AIzaSyCANARYCANARYCANARY1234", "…")]
    [TestCase("glpat-CANARYCANARYCANARY", "…")]
    [TestCase("-----BEGIN PGP PRIVATE KEY BLOCK-----\na--CANARY\n-----END PGP PRIVATE KEY BLOCK----- x", "… x")]
    public void Blank_Secret_IsGoneAndTheRestStays(string text, string expected)
    {
        var blanked = Secrets.Blank(text);

        Assert.That(blanked, Does.Not.Contain(Canary));
        Assert.That(blanked, Does.EndWith(expected));
    }

    [TestCase("")]
    [TestCase("The column 'tokens' is missing (data.csv, line 3, column 'key'). Add it.")]
    [TestCase("Rows 1 and 2 have the same key; no password was given.")]
    [TestCase("See https://learn.example/errors/42 for the signal: data drift")]
    [TestCase("Mail u@host about it")]
    [TestCase("https://host:8080/@scope/package is gone")]
    [TestCase("   at Foo.Bar[Token](String password) in C:\\src\\Token.cs:line 12")]
    [TestCase("   at System.List<Token>.Add(Token) in <Token>")]
    [TestCase("Unexpected token '<' in line 3")]
    public void Blank_NoSecret_ChangesNothing(string text) => Assert.That(Secrets.Blank(text), Is.EqualTo(text));

    [Test]
    public void Blank_MessageThatIsNull_IsEmpty() => Assert.That(Secrets.Blank((string?)null), Is.Empty);

    [Test]
    public void Blank_Again_ChangesNothing()
    {
        var once = Secrets.Blank("Host=db;Password=CANARY;x at https://u:p@host/?a=b, Bearer CANARY");

        Assert.That(Secrets.Blank(once), Is.EqualTo(once));
    }

    [Test]
    public void Blank_Exception_KeepsTypesAndFramesAndLosesTheSecretOfEachMessage()
    {
        var exception = Caught(() => throw new InvalidOperationException("outer", Caught(() => throw new IOException("pwd=CANARY"))));

        var blanked = Secrets.Blank(exception);

        Assert.That(blanked.ToString(), Does.Not.Contain(Canary));
        Assert.That(blanked.ToString(), Does.Contain(nameof(InvalidOperationException)).And.Contain(nameof(IOException)));
        Assert.That(blanked.StackTrace, Is.EqualTo(exception.StackTrace));
        Assert.That(blanked.Message, Is.EqualTo("outer"));
        Assert.That(blanked.InnerException, Is.Null);
        var harmless = Caught(() => throw new IOException("The disk is full."));
        Assert.That(Secrets.Blank(harmless), Is.SameAs(harmless));
    }

    private static Exception Caught(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e)
        {
            return e;
        }

        throw new InvalidOperationException("Nothing was thrown.");
    }
}
