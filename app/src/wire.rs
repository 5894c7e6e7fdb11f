//! How server functions travel: JSON both ways, by one piece of code for all of them. Leptos' own protocol is made anew for each function,
//! and the browser has to load that.

use std::pin::Pin;

use http::Method;
use leptos::server_fn::{
    Http, Protocol,
    client::Client,
    codec::Json,
    request::{ClientReq, browser::BrowserRequest},
    response::{ClientRes, browser::BrowserResponse},
    server::Server,
};
use send_wrapper::SendWrapper;
use serde::{Serialize, de::DeserializeOwned};

use crate::error::ApiError;

const JSON: &str = "application/json";

/// On the server it is Leptos' protocol.
pub struct Wire;

impl<Input, Output, C, S> Protocol<Input, Output, C, S, ApiError> for Wire
where
    Input: Serialize + Send,
    Output: DeserializeOwned + Send,
    C: Client<ApiError, Request = BrowserRequest, Response = BrowserResponse>,
    S: Server<ApiError>,
    Http<Json, Json>: Protocol<Input, Output, C, S, ApiError>,
{
    const METHOD: Method = Method::POST;

    fn run_server<F, Fut>(request: S::Request, server_fn: F) -> impl Future<Output = Result<S::Response, ApiError>> + Send
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output, ApiError>> + Send,
    {
        <Http<Json, Json> as Protocol<Input, Output, C, S, ApiError>>::run_server(request, server_fn)
    }

    async fn run_client(path: &str, input: Input) -> Result<Output, ApiError> {
        let body = serde_json::to_string(&input).map_err(|_| ApiError::unreachable())?;
        let answer = SendWrapper::new(exchange::<C>(path.to_owned(), body)).await?;
        // An answer that is not ours, such as a proxy's page.
        serde_json::from_str(&answer).map_err(|_| ApiError::unreachable())
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<String, ApiError>>>>;

/// What the server answers; an error if its status says so.
fn exchange<C>(path: String, body: String) -> Answer
where
    C: Client<ApiError, Request = BrowserRequest, Response = BrowserResponse>,
{
    Box::pin(async move {
        let request = <BrowserRequest as ClientReq<ApiError>>::try_new_req_text(&path, JSON, JSON, body, Method::POST)?;
        let answer = C::send(request).await?;
        let status = ClientRes::<ApiError>::status(&answer);
        let text = ClientRes::<ApiError>::try_into_string(answer).await?;
        if status < 400 { Ok(text) } else { Err(serde_json::from_str(&text).unwrap_or_else(|_| ApiError::unreachable())) }
    })
}
