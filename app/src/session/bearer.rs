//! The client of server functions that need somebody to be signed in.

use std::mem;

use futures::{Sink, Stream};
use gloo_net::http::Request;
use leptos::server_fn::{
    Bytes,
    client::{Client, browser::BrowserClient},
    request::{ClientReq, browser::BrowserRequest},
    response::{ClientRes, browser::BrowserResponse},
};
use send_wrapper::SendWrapper;

use super::refresh;
use crate::error::ApiError;

/// Sends the access token (RFC 6750), renews it before it expires, and after a 401 renews it once and asks again.
pub struct Bearer;

impl Client<ApiError> for Bearer {
    type Request = BrowserRequest;
    type Response = BrowserResponse;

    fn send(mut request: BrowserRequest) -> impl Future<Output = Result<BrowserResponse, ApiError>> + Send {
        SendWrapper::new(async move {
            let token = refresh::token().await?;
            let second = copy(&mut request)?;
            authorize(&request, &token);
            let answer = <BrowserClient as Client<ApiError>>::send(request).await?;
            if ClientRes::<ApiError>::status(&answer) != 401 {
                return Ok(answer);
            }
            let token = refresh::renew(&token).await?;
            authorize(&second, &token);
            <BrowserClient as Client<ApiError>>::send(second).await
        })
    }

    fn open_websocket(
        path: &str,
    ) -> impl Future<
        Output = Result<(impl Stream<Item = Result<Bytes, Bytes>> + Send + 'static, impl Sink<Bytes> + Send + 'static), ApiError>,
    > + Send {
        <BrowserClient as Client<ApiError>>::open_websocket(path)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<ApiError>>::spawn(future);
    }
}

/// A second request like the first, whose body can be sent once more.
///
/// The first is taken out and put back through `DerefMut`: converting the whole `From` would drop its guard, which aborts the fetch.
fn copy(request: &mut BrowserRequest) -> Result<BrowserRequest, ApiError> {
    let mut second = <BrowserRequest as ClientReq<ApiError>>::try_new_req_query("/", "", "", "", http::Method::GET)?;
    let placeholder = Request::get("/").build().map_err(|_| ApiError::unreachable())?;
    let first: web_sys::Request = mem::replace(&mut **request, placeholder).into();
    *second = first.clone().map_err(|_| ApiError::unreachable())?.into();
    **request = first.into();
    Ok(second)
}

fn authorize(request: &BrowserRequest, token: &str) {
    request.headers().set("Authorization", &format!("Bearer {token}"));
}
