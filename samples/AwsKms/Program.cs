// The payer's key stays in AWS KMS: the gateway calls it for each signature. KMS_KEY_ID names the key (an id, an ARN,
// or alias/NAME); region and credentials are the SDK's own variables. README.md describes the costs.
using Amazon.KeyManagementService;
using Xmtp.Gateway.Samples.AwsKms;

XmtpGatewayProgram.ExitOnStartFaults();
if (XmtpGatewayCommands.Run(args) is { } output) return output.Write();

var builder = WebApplication.CreateBuilder(args);
var keyId = builder.Configuration["KMS_KEY_ID"]
    ?? throw new InvalidOperationException("KMS_KEY_ID is missing: the id, the ARN or the alias of a key of the spec ECC_SECG_P256K1");
using var kms = new AmazonKeyManagementServiceClient(KmsCalls.Config(builder.Configuration["KMS_ENDPOINT"]));
builder.AddXmtpGateway().UseSigner(await KmsSigner.ConnectAsync(kms, keyId));

var app = builder.Build();
app.MapXmtpGateway();
app.Run();
return 0;
